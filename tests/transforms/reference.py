"""Plain NumPy that says what Keras documents, pixel by pixel, and Keras' own layers as functions of NumPy."""

import cv2
import keras
import numpy as np

# Of warps, in values of 0 to 255. OpenCV 4 reads places at 1/32 of a pixel only: next to an edge that makes up to 8.
WARP_TOLERANCE = 0.01 if int(cv2.__version__.split(".")[0]) >= 5 else 8.0


def smooth_image(height, width, channels, seed=0):
    """Float32 waves of 0 to 255 with steps of at most a few values from pixel to pixel."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width][..., None] / 10.0
    phases = rng.uniform(0, 6, (3, channels))
    waves = np.sin(x + phases[0]) + np.sin(y + phases[1]) + np.sin(x - y + phases[2])
    return ((waves + 3) / 6 * 255).astype("float32")


def outside(index, size, fill_mode):
    """The index inside of `size` pixels that an index outside stands for."""
    if fill_mode == "reflect":
        index = np.mod(index, 2 * size)
        return np.where(index < size, index, 2 * size - 1 - index)
    return np.mod(index, size) if fill_mode == "wrap" else np.clip(index, 0, size - 1)


def read(image, rows, columns, fill_mode, fill_value):
    """Pixels at whole rows and columns, inside or outside of the image; shape (..., channels)."""
    height, width = image.shape[:2]
    values = image[outside(rows, height, fill_mode), outside(columns, width, fill_mode)].astype("float64")
    if fill_mode != "constant":
        return values
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside[..., None], values, fill_value)


def affine(image, matrix, interpolation, fill_mode, fill_value):
    """`image` at `matrix @ (x, y, 1)` for each output pixel, in float64."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    columns, rows, _ = np.tensordot(matrix, np.stack([x, y, np.ones_like(x)]), 1)
    if interpolation == "nearest":
        return read(image, np.rint(rows).astype(int), np.rint(columns).astype(int), fill_mode, fill_value)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = (rows - top)[..., None], (columns - left)[..., None]

    def row(at):
        near, far = (read(image, at, left + step, fill_mode, fill_value) for step in (0, 1))
        return near * (1 - right) + far * right

    return row(top) * (1 - down) + row(top + 1) * down


def keras_affine(image, matrix, interpolation, fill_mode, fill_value):
    """`keras.ops.image.affine_transform`, which all of Keras' geometric layers call."""
    result = keras.ops.image.affine_transform(
        keras.ops.convert_to_tensor(image.astype("float32")),
        keras.ops.convert_to_tensor(matrix.ravel()[:8].astype("float32")),
        interpolation=interpolation,
        fill_mode=fill_mode,
        fill_value=fill_value,
        data_format="channels_last",
    )
    return to_numpy(result)


def to_numpy(tensor):
    """The values of a tensor; Keras' own way warns with PyTorch under NumPy 2."""
    return tensor.numpy() if hasattr(tensor, "numpy") else np.asarray(tensor)
