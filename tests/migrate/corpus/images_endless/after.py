"""Goes on for longer than an epoch, which loaders don't."""
import amalthea
from keras.utils import array_to_img, img_to_array, load_img

augment = [
    amalthea.transforms.RandomRotation(40 / 360, fill_mode='nearest'),
    amalthea.transforms.RandomTranslation(0.2, 0.2, fill_mode='nearest'),
    amalthea.transforms.RandomShearAngle(0.2, fill_mode='nearest'),
    amalthea.transforms.RandomZoom(0.2, 0.2, fill_mode='nearest'),
    amalthea.transforms.RandomFlip("horizontal"),
]

img = load_img('data/train/cats/cat.0.jpg')  # this is a PIL image
x = img_to_array(img)  # this is a Numpy array with shape (3, 150, 150)
x = x.reshape((1,) + x.shape)  # this is a Numpy array with shape (1, 3, 150, 150)

# the .flow() command below generates batches of randomly transformed images
# and saves the results to the `preview/` directory
i = 0
# TODO(amalthea): the augmented images are not saved any more; write amalthea.preview(loader, 'sheet.png') to look at them
# TODO(amalthea): a loader ends after one epoch, the legacy iterator did not: see that this loop needs no more than that
for batch in amalthea.ArrayLoader(x, batch_size=1,
                                  augment=augment,
                                  transform=amalthea.transforms.Rescaling(1./255)):
    i += 1
    if i > 20:
        break  # otherwise the generator would loop indefinitely

it = amalthea.ArrayLoader(
    x,
    batch_size=1,
    augment=augment,
    transform=amalthea.transforms.Rescaling(1./255),
)
for i in range(9):
    # TODO(amalthea): `it` has no next batch: write `for batch in it`, or `it[i]` for batch i
    batch = it.next()
    array_to_img(batch[0])
# TODO(amalthea): a loader has no `batch_index`: write it.reset() or it.set_epoch(0)
print(it.batch_index)
