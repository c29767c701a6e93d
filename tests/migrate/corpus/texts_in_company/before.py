import pickle
from typing import List

import numpy as np
from tensorflow.keras.preprocessing import sequence
from tensorflow.keras.preprocessing import text as T


def encode(tokenizer: T.Tokenizer, texts: List[str], length=4) -> np.ndarray:
    return sequence.pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=length, padding="post", truncating="post")


class Vocabulary:
    def __init__(self, texts, size=None):
        self.tokenizer = T.Tokenizer(num_words=size, filters='!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', char_level=False)
        self.tokenizer.fit_on_texts(texts=texts)

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
