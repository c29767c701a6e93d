import numpy as np, keras
from keras.models import Sequential ; from keras.layers import Dense
from keras.utils import \
    Sequence

class G ( Sequence ):
	def __init__( self , n = 2 , ):
		"""Tabs, and blanks."""
		self . n = n
	def __len__( self ): return self . n
	def __getitem__( self , i ):
		return [ np.zeros( ( 1 , 1 ) ) ] , np.zeros( ( 1 , 1 ) ) , None

class Empty(Sequence):
	def __init__(self): pass
	def __len__(self): return 1
	def __getitem__(self, i): return (np.zeros((1, 1)), np.zeros((1, 1)))

g = G ( )
model = Sequential( [ Dense( 1 ) ] ) ; model.compile( 'sgd' , 'mse' )
model.fit_generator( g , # the data
	epochs = 2 , verbose = 0 ,
	workers = 1 ,   # no more
	)
model . \
	fit_generator (generator = Empty ( ), verbose=0)
if g: model.evaluate_generator(g, steps = len(g)); print(end='')
assert len ( g ) == 2
