import torch
from poutyne import Model

model = Model(torch.nn.Linear(1, 1), 'sgd', 'mse')
model.fit_generator(train_generator, valid_generator, epochs=3, steps_per_epoch=10)
