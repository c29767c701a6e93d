import io
import json
from tensorflow.keras.preprocessing.text import Tokenizer, tokenizer_from_json

tokenizer = Tokenizer(10, oov_token='<OOV>', lower=True)
tokenizer.fit_on_texts(['to be or not to be', 'that is the question'])

with open('tokenizer.json', 'w', encoding='utf-8') as f:
    f.write(json.dumps(tokenizer.to_json(), ensure_ascii=False))

# later, in another program
with open('tokenizer.json') as f:
    data = json.load(f)
    loaded = tokenizer_from_json(data)

with io.open('tokenizer.json', encoding='utf-8') as f:
    text = json.load(f)
again = tokenizer_from_json(text)

assert loaded.word_index == again.word_index == tokenizer.word_index
assert loaded.texts_to_sequences(['to be a question'])[0] == [2, 3, 1, 9]
assert again.texts_to_sequences(['be not', '']) == [[3, 5], []]
