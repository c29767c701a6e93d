import amalthea

tokenizer = amalthea.WordTokenizer(10, oov_token='<OOV>', lower=True)
tokenizer.fit(['to be or not to be', 'that is the question'])

tokenizer.save('tokenizer.json')

# later, in another program
loaded = amalthea.WordTokenizer.load('tokenizer.json')

again = amalthea.WordTokenizer.load('tokenizer.json')

assert loaded.word_index == again.word_index == tokenizer.word_index
assert loaded.encode('to be a question').tolist() == [2, 3, 1, 9]
assert [again.encode(text).tolist() for text in ['be not', '']] == [[3, 5], []]
