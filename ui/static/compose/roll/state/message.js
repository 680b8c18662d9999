// The roll's value is a message of `roll_messages.py` under a key that says nothing.

export const messageOf = (value) => Object.values(value ?? {})[0];
