// Strands for their depth alone.
void main() {
    float opacity;
    gl_Position = ribbon(normalize(eye_point - in_position), opacity);
}
