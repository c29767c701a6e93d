from keras.preprocessing.text import Tokenizer, text_to_word_sequence, one_hot

characters = Tokenizer(char_level=True, oov_token='?')
characters.fit_on_texts(['abc'])
codes = characters.texts_to_sequences(['cab'])

words = text_to_word_sequence('The quick brown fox')
hashed = one_hot('The quick brown fox', 50)
