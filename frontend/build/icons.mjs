import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

// sprite returns one SVG with a symbol for every icon that the Go source names
// as `Icon = "name"`, drawn by the open set in folder.
export async function sprite(source, folder) {
  const names = [...source.matchAll(/\bIcon\s*=\s*"([a-z0-9-]+)"/g)].map((m) => m[1]);
  const symbols = await Promise.all([...new Set(names)].sort().map((name) => symbol(name, folder)));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

async function symbol(name, folder) {
  const svg = await readFile(join(folder, name + '.svg'), 'utf8').catch(() => {
    throw new Error(`component/icon.go names an icon "${name}" that the set does not have`);
  });
  const drawing = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>')).replace(/\s*\n\s*/g, '');
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
}
