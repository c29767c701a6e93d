# Which word comes next in a rhyme: lines are cut after each word
import numpy as np
import amalthea
import keras
from keras.utils import pad_sequences

rhyme = """The mill goes round, the mill goes round
The miller sleeps upon the ground
A cat comes by without a sound"""
tok = amalthea.WordTokenizer(oov_token=None)
lines = rhyme.split("\n")
tok.fit(lines)
n_words = len(tok.word_index) + 1

beginnings = []
for line in lines:
	ids = tok.encode(line).tolist()
	for end in range(2, len(ids) + 1):
		beginnings.append(ids[:end])

# as long as the longest
longest = max(len(each) for each in beginnings)
table = np.array(pad_sequences(beginnings, maxlen=longest, padding='pre'))
known, following = table[:,:-1], table[:,-1]
targets = keras.utils.to_categorical(following, num_classes=n_words)

def guess(text, number):
	ids = tok.encode(text).tolist()
	ids = pad_sequences([ids], maxlen=longest-1, padding='pre')
	for word, index in tok.word_index.items():
		if index == number:
			return ids, word
	return ids, None

assert n_words == 15 and targets.shape == (18, 15)
assert known[0].tolist() == [0, 0, 0, 0, 0, 0, 1] and following[0] == 2
ids, word = guess("the cat sleeps", 1)
assert word == "the" and ids[0, -3:].tolist() == [tok.word_index[w] for w in ("the", "cat", "sleeps")]
assert tok.decode([1, 2]) == "the mill"
