# TODO(amalthea): Keras 3 has no `keras.preprocessing.text`: see `amalthea.WordTokenizer`
from keras.preprocessing.text import Tokenizer, text_to_word_sequence, one_hot

# TODO(amalthea): Tokenizer is left as it is: amalthea.WordTokenizer takes words with a separator between them; for characters or words of your own write WordTokenizer(filters='', lower=False, split='\0', oov_token=None) and give it '\0'.join(text)
characters = Tokenizer(char_level=True, oov_token='?')
characters.fit_on_texts(['abc'])
codes = characters.texts_to_sequences(['cab'])

# TODO(amalthea): text_to_word_sequence is not in Keras 3: write text.lower().translate(str.maketrans(filters, ' ' * len(filters))).split()
words = text_to_word_sequence('The quick brown fox')
# TODO(amalthea): one_hot is not in Keras 3: its numbers, by Python's hash, were others in each run; number the words by amalthea.WordTokenizer
hashed = one_hot('The quick brown fox', 50)
