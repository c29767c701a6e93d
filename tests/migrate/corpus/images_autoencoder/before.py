import os
import numpy
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator as IDG

os.makedirs('faces/all')
for number in range(6): Image.fromarray(numpy.full((4, 4, 3), 40 * number, 'uint8')).save(f'faces/all/{number}.png')

gen = IDG(rescale = 1.0/255, horizontal_flip = True)   # images are their own targets
flow = gen.flow_from_directory('faces', target_size = (4, 4), class_mode = 'input', batch_size = 3, keep_aspect_ratio = True)

x, y = flow[0]
assert (x == y).all() and x.max() <= 1 and x.shape == (3, 4, 4, 3)
