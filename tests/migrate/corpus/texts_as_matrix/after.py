import amalthea

docs = ['Rain again!', 'Some sun', 'More rain, some wind']
t = amalthea.WordTokenizer(vocab_size=20, oov_token=None)
t.fit(docs)
# TODO(amalthea): t does not count texts: write len(texts)
print(t.document_count)
# TODO(amalthea): WordTokenizer makes no matrices; for mode='count' write np.stack([np.bincount(t.encode(text), minlength=size) for text in texts]), with size the number of words, 0 included
x = t.texts_to_matrix(docs, mode='count')
# TODO(amalthea): write t.save(path), and read it by amalthea.WordTokenizer.load(path)
as_json = t.to_json()
