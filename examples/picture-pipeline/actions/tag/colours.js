const HUES = [
  'red',
  'orange',
  'yellow',
  'green',
  'green',
  'cyan',
  'blue',
  'blue',
  'blue',
  'purple',
  'pink',
  'red',
];
/** A colour counts when a sixth of the picture has it. */
const SHARE = 1 / 6;

/** The colours that a good part of a picture has, most first, and whether it is dark or bright. */
export function coloursOf({ pixels }) {
  const counts = new Map();
  let all = 0;
  let light = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue, alpha] = pixels.subarray(at, at + 4);
    if (alpha < 128) continue;
    all += 1;
    light += (0.3 * red + 0.59 * green + 0.11 * blue) / 255;
    const colour = colourOf(red, green, blue);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const most = [...counts].filter(([, count]) => count >= all * SHARE).sort(([, a], [, b]) => b - a);
  const brightness = light / all < 0.3 ? ['dark'] : light / all > 0.7 ? ['bright'] : [];
  return [...most.map(([colour]) => colour), ...brightness];
}

function colourOf(red, green, blue) {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  if (most < 40) return 'black';
  if (most - least < 24) return most > 215 ? 'white' : 'grey';
  return HUES[Math.floor(hueOf(red, green, blue, most, least) / 30)];
}

/** Where on the circle of colours, from 0 to 360 degrees. */
function hueOf(red, green, blue, most, least) {
  const range = most - least;
  if (most === red) return (((green - blue) / range + 6) % 6) * 60;
  if (most === green) return ((blue - red) / range + 2) * 60;
  return ((red - green) / range + 4) * 60;
}
