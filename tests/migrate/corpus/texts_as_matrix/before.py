from keras.preprocessing.text import Tokenizer

docs = ['Rain again!', 'Some sun', 'More rain, some wind']
t = Tokenizer(nb_words=20)
t.fit_on_texts(docs)
print(t.document_count)
x = t.texts_to_matrix(docs, mode='count')
as_json = t.to_json()
