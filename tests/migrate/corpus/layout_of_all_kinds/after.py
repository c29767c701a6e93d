import numpy as np, keras
from keras.models import Sequential ; from keras.layers import Dense
from keras.utils import \
    PyDataset

class G ( PyDataset ):
	def __init__( self , n = 2 , **kwargs , ):
		"""Tabs, and blanks."""
		super().__init__(**kwargs)
		self . n = n
	def __len__( self ): return self . n
	def __getitem__( self , i ):
		return np.zeros( ( 1 , 1 ) ) , np.zeros( ( 1 , 1 ) )

class Empty(PyDataset):
	def __init__(self, **kwargs):
		super().__init__(**kwargs)
	def __len__(self): return 1
	def __getitem__(self, i): return (np.zeros((1, 1)), np.zeros((1, 1)))

g = G ( )
model = Sequential( [ Dense( 1 ) ] ) ; model.compile( 'sgd' , 'mse' )
model.fit( g , # the data
	epochs = 2 , verbose = 0 ,   # no more
	)
model . \
	fit (x = Empty ( ), verbose=0)
if g: model.evaluate(g, verbose=0); print(end='')
assert len ( g ) == 2
