"""Goes on for longer than an epoch, which loaders don't."""
import amalthea
from keras.utils import array_to_img, img_to_array, load_img

augment = [
    amalthea.transforms.RandomRotation(25 / 360, fill_mode='nearest'),
    amalthea.transforms.RandomTranslation(0.1, 0.15, fill_mode='nearest'),
    amalthea.transforms.RandomZoom(0.3, 0.3, fill_mode='nearest'),
    amalthea.transforms.RandomFlip("vertical"),
]

owl = img_to_array(load_img('birds/owl.jpg'))
owl = owl.reshape((1,) + owl.shape)  # a batch of one

# twenty versions of it, in files to look at
seen = 0
# TODO(amalthea): the augmented images are not saved any more; write amalthea.preview(loader, 'sheet.png') to look at them
# TODO(amalthea): a loader ends after one epoch, the legacy iterator did not: see that this loop needs no more than that
for version in amalthea.ArrayLoader(owl, batch_size=1,
                                    augment=augment,
                                    transform=amalthea.transforms.Rescaling(1./255)):
    seen += 1
    if seen == 20:
        break  # or it would never end

it = amalthea.ArrayLoader(
    owl,
    batch_size=1,
    augment=augment,
    transform=amalthea.transforms.Rescaling(1./255),
)
for k in range(9):
    # TODO(amalthea): `it` has no next batch: write `for batch in it`, or `it[i]` for batch i
    version = it.next()
    array_to_img(version[0])
# TODO(amalthea): a loader has no `batch_index`: write it.reset() or it.set_epoch(0)
print(it.batch_index)
