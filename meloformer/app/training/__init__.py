"""The actions of the training tab, and the messages that its components show."""
