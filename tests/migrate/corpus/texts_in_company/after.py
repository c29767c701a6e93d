import pickle
from typing import List

import numpy as np
import amalthea
import keras


def encode(tokenizer: amalthea.WordTokenizer, texts: List[str], length=4) -> np.ndarray:
    return keras.utils.pad_sequences([tokenizer.encode(text) for text in texts], maxlen=length, padding="post", truncating="post")


class Vocabulary:
    def __init__(self, texts, size=None):
        self.tokenizer = amalthea.WordTokenizer(
            vocab_size=size,
            filters='!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n',
            oov_token=None,
        )
        self.tokenizer.fit(texts=texts)

    def save(self, path):
        with open(path, "wb") as handle:
            pickle.dump(self.tokenizer, handle, protocol=pickle.HIGHEST_PROTOCOL)

    def words(self, ids):
        return [self.tokenizer.index_word[i] for i in ids]


if __name__ == "__main__":
    text = ["one two three four five", "two, three!", "Three"]
    vocabulary = Vocabulary(text)
    vocabulary.save("tokenizer.pickle")
    with open("tokenizer.pickle", "rb") as handle:
        tokenizer = pickle.load(handle)
    assert encode(tokenizer, text).tolist() == [[3, 2, 1, 4], [2, 1, 0, 0], [1, 0, 0, 0]]
    assert vocabulary.words([1, 2]) == ["three", "two"]
    assert tokenizer.word_counts["two"] == 2
