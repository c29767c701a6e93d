# Predicts the next word
import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer()
corpus = "In the town of Athy one Jeremy Lanigan\nBattered away til he hadnt a pound\nHis father died and made him a man again".lower().split("\n")
tokenizer.fit_on_texts(corpus)
total_words = len(tokenizer.word_index) + 1

input_sequences = []
for line in corpus:
	token_list = tokenizer.texts_to_sequences([line])[0]
	for i in range(1, len(token_list)):
		n_gram_sequence = token_list[:i+1]
		input_sequences.append(n_gram_sequence)

# pad sequences
max_sequence_len = max([len(x) for x in input_sequences])
input_sequences = np.array(pad_sequences(input_sequences, maxlen=max_sequence_len, padding='pre'))
xs, ys = input_sequences[:,:-1], input_sequences[:,-1]
one_hot = tf.keras.utils.to_categorical(ys, num_classes=total_words)

def next_word(seed_text, predicted):
	token_list = tokenizer.texts_to_sequences([seed_text])[0]
	token_list = pad_sequences([token_list], maxlen=max_sequence_len-1, padding='pre')
	output_word = ""
	for word, index in tokenizer.word_index.items():
		if index == predicted:
			output_word = word
			break
	return token_list, output_word

assert total_words == 24 and one_hot.shape == (21, 24)
assert xs[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 2] and ys[0] == 3
tokens, word = next_word("his father away", 1)
assert word == "a" and tokens[0, -3:].tolist() == [tokenizer.word_index[w] for w in ("his", "father", "away")]
assert tokenizer.sequences_to_texts([[1, 2]])[0] == "a in"
