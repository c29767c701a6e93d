"""Goes on for longer than an epoch, which loaders don't."""
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img

many_moves = ImageDataGenerator(
        rotation_range=25,
        height_shift_range=0.1,
        width_shift_range=0.15,
        rescale=1./255,
        zoom_range=0.3,
        vertical_flip=True,
        fill_mode='nearest')

owl = img_to_array(load_img('birds/owl.jpg'))
owl = owl.reshape((1,) + owl.shape)  # a batch of one

# twenty versions of it, in files to look at
seen = 0
for version in many_moves.flow(owl, batch_size=1,
                               save_to_dir='versions', save_prefix='owl', save_format='jpeg'):
    seen += 1
    if seen == 20:
        break  # or it would never end

it = many_moves.flow(owl, batch_size=1)
for k in range(9):
    version = it.next()
    array_to_img(version[0])
print(it.batch_index)
