"""Trains on sentences of a file: words as numbers, padded to one length."""
import numpy as np
from tensorflow.keras.layers import Dense, Embedding, GlobalAveragePooling1D
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.utils import set_random_seed

vocab_size = 60
embedding_dim = 8
max_length = 10
trunc_type = 'post'
oov_tok = "<OOV>"
training_size = 96

set_random_seed(1)

sentences = []
labels = []
with open('sentences.tsv', encoding='utf-8') as f:
    for line in f:
        label, sentence = line.rstrip('\n').split('\t')
        sentences.append(sentence)
        labels.append(int(label))

training_sentences = sentences[0:training_size]
testing_sentences = sentences[training_size:]
training_labels = np.array(labels[0:training_size])
testing_labels = np.array(labels[training_size:])

tokenizer = Tokenizer(num_words=vocab_size, oov_token=oov_tok)
tokenizer.fit_on_texts(training_sentences)
word_index = tokenizer.word_index

training_sequences = tokenizer.texts_to_sequences(training_sentences)
training_padded = pad_sequences(training_sequences, maxlen=max_length, truncating=trunc_type)

testing_sequences = tokenizer.texts_to_sequences(testing_sentences)
testing_padded = pad_sequences(testing_sequences, maxlen=max_length, padding='post', truncating=trunc_type)

model = Sequential([
    Embedding(vocab_size, embedding_dim),
    GlobalAveragePooling1D(),
    Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(training_padded, training_labels, epochs=3,
                    validation_data=(testing_padded, testing_labels), verbose=0)

np.savez('batches.npz',
         training=training_padded,
         testing=testing_padded,
         lengths=[len(sequence) for sequence in training_sequences],
         words=sorted(word_index, key=word_index.get))
np.savez('result.npz', *model.get_weights())
np.savez('losses.npz', loss=history.history['loss'], val_loss=history.history['val_loss'])
