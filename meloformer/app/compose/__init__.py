"""The actions of the compose tab, and the messages that its components show."""
