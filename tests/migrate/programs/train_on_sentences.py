"""Trains on sentences of a file: words as numbers, padded to one length."""
import numpy as np
from tensorflow.keras.layers import Dense, Embedding, GlobalAveragePooling1D
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.utils import set_random_seed

n_words = 60
width = 8
longest = 10
cut_at = 'post'
unknown = "<OOV>"
n_known = 96

set_random_seed(1)

sentences = []
labels = []
with open('sentences.tsv', encoding='utf-8') as f:
    for line in f:
        label, sentence = line.rstrip('\n').split('\t')
        sentences.append(sentence)
        labels.append(int(label))

known = sentences[:n_known]
others = sentences[n_known:]
known_labels = np.array(labels[:n_known])
other_labels = np.array(labels[n_known:])

tokenizer = Tokenizer(num_words=n_words, oov_token=unknown)
tokenizer.fit_on_texts(known)
word_index = tokenizer.word_index

known_ids = tokenizer.texts_to_sequences(known)
known_table = pad_sequences(known_ids, maxlen=longest, truncating=cut_at)

other_ids = tokenizer.texts_to_sequences(others)
other_table = pad_sequences(other_ids, maxlen=longest, padding='post', truncating=cut_at)

model = Sequential([
    Embedding(n_words, width),
    GlobalAveragePooling1D(),
    Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(known_table, known_labels, epochs=3,
                    validation_data=(other_table, other_labels), verbose=0)

np.savez('batches.npz',
         training=known_table,
         testing=other_table,
         lengths=[len(sequence) for sequence in known_ids],
         words=sorted(word_index, key=word_index.get))
np.savez('result.npz', *model.get_weights())
np.savez('losses.npz', loss=history.history['loss'], val_loss=history.history['val_loss'])
