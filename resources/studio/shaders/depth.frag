// Leaves depth and no colour.
void main() {}
