// What the browser keeps for its reader: what was typed, and what was sent and
// not yet taken. It lies under the reader's id, so that the next one at the same
// desk is not shown it, and goes when the reader signs out.

import { me } from './page';

const prefix = 'leerkring:';
const leaving = prefix + 'out'; // is written when somebody signs out
let left = false; // they are signing out: nothing is kept any more

export function keep(key: string, value: unknown): void {
  if (left) return;
  try {
    if (value === null) localStorage.removeItem(prefix + me + ':' + key);
    else localStorage.setItem(prefix + me + ':' + key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing keeps nothing.
  }
}

export function kept<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(prefix + me + ':' + key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

// forget drops all that is kept here, of anybody, and keeps nothing more: not what
// a box still holds when the page goes, nor what another tab does.
export function forget(): void {
  left = true;
  try {
    localStorage.setItem(leaving, me);
    Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => localStorage.removeItem(key));
  } catch {
    // nothing was kept
  }
}

// onLeaving calls left when the reader signs out in another tab.
export function onLeaving(leave: () => void): void {
  addEventListener('storage', (event) => {
    if (event.key !== leaving || event.newValue !== me) return;
    left = true;
    leave();
  });
}
