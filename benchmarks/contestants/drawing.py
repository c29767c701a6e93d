"""From the bytes of a file to the pixels that Amalthea gives, by the calls in C that it takes and no more."""

import cv2
import numpy as np
import PIL.Image
import simplejpeg

LARGEST = 2**23  # bytes of a decoded picture


class Drawing:
    """What one core draws with.

    Args:
        size: Height and width of what is drawn.
        times: How many times smaller a JPEG is decoded.
    """

    def __init__(self, size, times):
        self._times, self._memory, self._blurred = times, np.empty(LARGEST, np.uint8), None
        self.pixels = np.empty((size, size, 3), np.uint8)

    def draw(self, data):
        """Draws a file into `pixels`."""
        decoded = self._decoded(data)
        if decoded.shape == self.pixels.shape:
            np.copyto(self.pixels, decoded)
        elif self._times > 1:
            picture = PIL.Image.fromarray(decoded)
            self.pixels[...] = picture.resize(self.pixels.shape[1::-1], PIL.Image.Resampling.BILINEAR)
        else:
            if self._blurred is None or self._blurred.shape != decoded.shape:
                self._blurred = np.empty_like(decoded)
            down, across = (_kernel(*sides) for sides in zip(decoded.shape[:2], self.pixels.shape[:2], strict=True))
            cv2.sepFilter2D(decoded, -1, across, down, dst=self._blurred, borderType=cv2.BORDER_REPLICATE)
            cv2.resize(self._blurred, self.pixels.shape[1::-1], dst=self.pixels, interpolation=cv2.INTER_LINEAR)

    def _decoded(self, data):
        if not data.startswith(b"\xff\xd8"):
            return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        least = {}
        if self._times > 1:
            height, width = (-(-side // self._times) for side in simplejpeg.decode_jpeg_header(data)[:2])
            least = {"min_height": height, "min_width": width}
        return simplejpeg.decode_jpeg(data, "RGB", buffer=self._memory, **least)


def _kernel(have, want):
    """A blur by which a linear filter is antialiased."""
    side = min(max(0, (have / want) ** 2 - 1) / 11, 1 / 3)
    return np.array([side, 1 - 2 * side, side], np.float32)
