"""Image files, into float32 of 0 - 255 and int32 labels, shuffled."""

from benchmarks.case import Case, Contestant
from benchmarks.data.photos import photographs

OURS = [
    Contestant("Amalthea (JAX)", "ours:images", "jax"),
    Contestant("Amalthea (PyTorch)", "ours:images", "torch"),
    Contestant("Amalthea (TensorFlow)", "ours:images", "tensorflow"),
]
PROCESSES = [
    Contestant("Amalthea, processes (JAX)", "ours:images", "jax", options={"processes": True}),
    Contestant("Amalthea, processes (PyTorch)", "ours:images", "torch", options={"processes": True}),
]
FLOOR = Contestant("the floor: decode and resize in C", "floors:images", floor=True)
ALIASED = "not antialiased, which is less work"
PILLOW = "decoded and antialiased by Pillow"

TF_DATA = [
    Contestant("image_dataset_from_directory (tf.data)", "tensorflow_loaders:folder", "tensorflow", note=ALIASED),
    Contestant("tf.data, antialiased", "tensorflow_loaders:antialiased", "tensorflow"),
]
TORCH = Contestant("torch DataLoader, Pillow", "torch_loaders:images", "torch", note=f"{PILLOW}; 2 processes")
TORCHVISION = Contestant(
    "torch DataLoader, torchvision",
    "torchvision_loaders:images",
    "torch",
    needs=["torchvision.io"],
    note="torchvision's own decoder; 2 processes",
)
GRAIN = Contestant("Grain, threads (JAX)", "grain_loaders:images", "jax", needs=["grain"], note=PILLOW)
MANY = [
    Contestant("PyDataset, threads (JAX)", "keras_loaders:images", "jax", note=PILLOW),
    Contestant(
        "PyDataset, use_multiprocessing (JAX)",
        "keras_loaders:images",
        "jax",
        options={"processes": True},
        against="Amalthea, processes (JAX)",
        note=PILLOW,
    ),
    Contestant(
        'image_dataset_from_directory(format="grain") (JAX)', "keras_loaders:grain_folder", "jax", needs=["grain"]
    ),
    TORCHVISION,
    Contestant(
        "Grain, processes (JAX)",
        "grain_loaders:images",
        "jax",
        needs=["grain"],
        options={"processes": True},
        against="Amalthea, processes (JAX)",
        note=PILLOW,
    ),
    Contestant("SPDL, Pillow", "spdl_pipelines:images", needs=["spdl"], note=PILLOW),
    Contestant(
        "SPDL, own decoder",
        "spdl_pipelines:own_images",
        needs=["spdl", "libavutil"],
        note="FFmpeg's decoder and bicubic resize",
    ),
]
SMALL = {"count": 16, "batch": 4, "height": 60, "width": 80, "size": 32}

CASES = [
    Case(
        "jpegs",
        "Small JPEGs, float32",
        "500x375 JPEGs to 224x224, batches of 32.",
        "images",
        [*OURS, *PROCESSES, FLOOR, *TF_DATA, TORCH, GRAIN, *MANY],
        photographs,
        {"count": 512},
        SMALL,
    ),
    Case(
        "jpegs-uint8",
        "Small JPEGs, uint8",
        "The same as uint8, which a `Rescaling` layer in the model takes as well: a quarter of the bytes.",
        "images",
        [
            *(
                Contestant(each.name, each.make, each.backend, options={**each.options, "dtype": "uint8"})
                for each in OURS
            ),
            Contestant(FLOOR.name, FLOOR.make, options={"dtype": "uint8"}, floor=True),
        ],
        photographs,
        {"count": 512},
        SMALL,
    ),
    Case(
        "jpegs-aliased",
        "Small JPEGs, not antialiased",
        "The same with `antialias=False`, as tf.data resizes: fewer pixels are looked at.",
        "images",
        [
            *(
                Contestant(each.name, each.make, each.backend, options={**each.options, "antialias": False})
                for each in (OURS[2], OURS[0], OURS[1])
            ),
            TF_DATA[0],
        ],
        photographs,
        {"count": 512},
        SMALL,
    ),
    Case(
        "photographs",
        "Photographs of 12 megapixels",
        "4000x3000 JPEGs to 224x224, batches of 4. dB is against the full decode and an antialiased resize.",
        "images",
        [*OURS, FLOOR, *TF_DATA, TORCH, TORCHVISION, GRAIN],
        photographs,
        {"count": 16, "batch": 4, "height": 3000, "width": 4000, "grain": 6, "times": 8},
        {**SMALL, "height": 600, "width": 800, "times": 8},
    ),
    Case(
        "png",
        "PNG",
        "500x375 PNGs to 224x224, batches of 32.",
        "images",
        [OURS[0], OURS[2], FLOOR, *TF_DATA, TORCH, TORCHVISION, GRAIN],
        photographs,
        {"count": 256, "ending": ".png"},
        SMALL,
    ),
    Case(
        "tiny",
        "Many tiny files",
        "28x28 PNGs as they are, batches of 128: opening the files is most of the work.",
        "images",
        [OURS[0], OURS[2], PROCESSES[0], FLOOR, TF_DATA[0], TORCH, TORCHVISION, GRAIN],
        photographs,
        {"count": 6000, "batch": 128, "height": 28, "width": 28, "size": 28, "ending": ".png", "reference": False},
        {"count": 64, "batch": 16},
    ),
]
