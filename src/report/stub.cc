// Replaced when the first source of this folder lands.
