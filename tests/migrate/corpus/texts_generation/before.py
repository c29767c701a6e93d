# Which word comes next in a rhyme: lines are cut after each word
import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

rhyme = """The mill goes round, the mill goes round
The miller sleeps upon the ground
A cat comes by without a sound"""
tok = Tokenizer()
lines = rhyme.split("\n")
tok.fit_on_texts(lines)
n_words = len(tok.word_index) + 1

beginnings = []
for line in lines:
	ids = tok.texts_to_sequences([line])[0]
	for end in range(2, len(ids) + 1):
		beginnings.append(ids[:end])

# as long as the longest
longest = max(len(each) for each in beginnings)
table = np.array(pad_sequences(beginnings, maxlen=longest, padding='pre'))
known, following = table[:,:-1], table[:,-1]
targets = tf.keras.utils.to_categorical(following, num_classes=n_words)

def guess(text, number):
	ids = tok.texts_to_sequences([text])[0]
	ids = pad_sequences([ids], maxlen=longest-1, padding='pre')
	for word, index in tok.word_index.items():
		if index == number:
			return ids, word
	return ids, None

assert n_words == 15 and targets.shape == (18, 15)
assert known[0].tolist() == [0, 0, 0, 0, 0, 0, 1] and following[0] == 2
ids, word = guess("the cat sleeps", 1)
assert word == "the" and ids[0, -3:].tolist() == [tok.word_index[w] for w in ("the", "cat", "sleeps")]
assert tok.sequences_to_texts([[1, 2]])[0] == "the mill"
