// The two shaders of the WebGL2 waterfall.

export const VERTEX = `#version 300 es
// One triangle that covers the canvas.
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform sampler2D u_rows;    // ring of rows; red = level of A, green = level of B, 0 = no data
uniform sampler2D u_colors;
uniform ivec2 u_ring;        // cells per row, rows in the ring
uniform ivec3 u_time;        // ring position of the newest row, rows filled, pixels per row
uniform vec2 u_size;         // canvas in pixels
uniform vec3 u_axis;         // lowest and highest frequency in cells, 1 = logarithmic
uniform vec2 u_range;        // lookup positions of floor and top
uniform float u_green;       // 1 = channel B
uniform float u_stripes;     // by how many pixels the hatching has moved with the rows
uniform vec3 u_hole;
uniform vec3 u_empty;
out vec4 color;

float level(int cell, int row) {
  vec2 both = texelFetch(u_rows, ivec2(clamp(cell, 0, u_ring.x - 1), row), 0).rg;
  return mix(both.r, both.g, u_green);
}

float cellAt(float position) {
  return u_axis.z > 0.5 ? u_axis.x * pow(u_axis.y / u_axis.x, position) : mix(u_axis.x, u_axis.y, position);
}

// As in waterfall-cells.ts: the loudest cell under the pixel; between two cells where a pixel is narrower than a cell.
float levelUnder(float left, float right, int row) {
  if (right - left < 1.0) {
    float middle = (left + right) / 2.0;
    float below = level(int(floor(middle)), row);
    float above = level(int(floor(middle)) + 1, row);
    return min(below, above) == 0.0 ? 0.0 : mix(below, above, fract(middle));
  }
  float loudest = 0.0;
  int last = int(ceil(right)) - 1;
  for (int cell = int(ceil(left)); cell <= last; cell++) loudest = max(loudest, level(cell, row));
  return loudest;
}

void main() {
  int age = int(floor(u_size.y - gl_FragCoord.y)) / u_time.z;
  if (age >= u_time.y) { color = vec4(u_empty, 1.0); return; }
  int row = (u_time.x - age + u_ring.y) % u_ring.y;
  float left = cellAt((gl_FragCoord.x - 0.5) / u_size.x);
  float right = cellAt((gl_FragCoord.x + 0.5) / u_size.x);
  float found = levelUnder(left, right, row);
  if (found == 0.0) {
    bool stripe = mod(floor(gl_FragCoord.x) + u_stripes - floor(u_size.y - gl_FragCoord.y), 12.0) < 6.0;
    color = vec4(mix(u_empty, u_hole, stripe ? 1.0 : 0.2), 1.0);
    return;
  }
  float unit = (found * 255.0 - 1.0) / 254.0;
  float shade = clamp((unit - u_range.x) / (u_range.y - u_range.x), 0.0, 1.0);
  color = texelFetch(u_colors, ivec2(int(shade * 255.0 + 0.5), 0), 0);
}`;
