// What the browser keeps for its reader: what was typed, and what was sent and
// not yet taken. It lies under the reader's id, so that the next one at the same
// desk is not shown it, and goes when the reader signs out.

import { me } from './page';

const prefix = 'leerkring:';

export function keep(key: string, value: unknown): void {
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

// forget drops all that is kept here, of anybody.
export function forget(): void {
  try {
    Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => localStorage.removeItem(key));
  } catch {
    // nothing was kept
  }
}
