import numpy as np
import amalthea
from keras.utils import pad_sequences
from keras.models import Sequential
from keras.layers import Dense, Embedding, GlobalAveragePooling1D

MAX_NUM_WORDS = 8
MAX_SEQUENCE_LENGTH = 6
texts = ['The cat sat on the mat.', 'The dog ate my homework!', 'A cat, a dog; a mat', 'on and on and on']
labels = np.array([0, 1, 0, 1])

tokenizer = amalthea.WordTokenizer(vocab_size=MAX_NUM_WORDS, oov_token=None)
tokenizer.fit(texts)
sequences = [tokenizer.encode(text).tolist() for text in texts]

word_index = tokenizer.word_index
print(len(word_index), 'words')

data = pad_sequences(sequences, maxlen=MAX_SEQUENCE_LENGTH)
num_words = min(MAX_NUM_WORDS, 1 + len(word_index))
letters = np.zeros(num_words)  # of each word that the model knows
for word in word_index:
    if word_index[word] < num_words:
        letters[word_index[word]] = len(word)

model = Sequential([Embedding(num_words, 3), GlobalAveragePooling1D(), Dense(1, activation='sigmoid')])
model.compile(loss='binary_crossentropy', optimizer='rmsprop')
model.fit(data, labels, epochs=1, verbose=0)

assert sequences == [[2, 4, 1, 2, 5], [2, 6], [3, 4, 3, 6, 3, 5], [1, 7, 1, 7, 1]]
assert word_index['on'] == 1 and word_index['homework'] == len(word_index) == 11
assert data.shape == (4, 6) and data[1, 0] == 0
assert letters[:3].tolist() == [0, 2, 3]
