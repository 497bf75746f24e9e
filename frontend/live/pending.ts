// What its writer sees at once of what is not yet taken: in its place, under the
// nonce, until the post itself comes, or with why it was refused.

import { again, remove, type Unsent } from './outbox';
import { element, find, findAll, me, say } from './page';
import { avatarOf } from './people';
import type { List } from './list';

const slowAfter = 1500; // ms before it says that it is on its way

// TakeBack puts a text in the box again, and says whether there is one.
export type TakeBack = (one: Unsent) => boolean;

// show puts it at the end of its list.
export function show(one: Unsent, list: List, takeBack: TakeBack): HTMLElement {
  const item = element('li', 'lk-place is-pending');
  item.dataset['nonce'] = one.nonce;
  const post = element('article', `lk-post lk-post--${list.isChannel ? 'channel' : 'forum'}`);
  post.dataset['author'] = me;
  const name = find('.lk-side-name')?.textContent ?? say('you');
  const by = element('header', 'lk-post-by');
  by.append(element('span', 'lk-post-name', name));
  const text = element('div', 'lk-text lk-pending-text', one.shown);
  text.dir = 'auto';
  post.append(avatarOf({ name }, ''), by, text, element('p', 'lk-pending-state'));
  item.append(post);
  list.items.append(item);
  find('[data-empty]', list.root)?.remove();
  if (one.why) refused(one, takeBack);
  else setTimeout(() => tell(one.nonce, navigator.onLine ? say('sending') : say('waiting')), slowAfter);
  return item;
}

// tell says how it goes with it, while it is there.
export function tell(nonce: string, text: string): void {
  const state = find(`[data-nonce="${nonce}"]:not(.is-refused) .lk-pending-state`);
  if (state) state.textContent = text;
}

// refused says why it was not taken, and what can be done now.
export function refused(one: Unsent, takeBack: TakeBack): void {
  findAll(`[data-nonce="${one.nonce}"]`).forEach((item) => {
    item.classList.add('is-refused');
    const state = find('.lk-pending-state', item)!;
    state.setAttribute('role', 'alert');
    state.textContent = `${say('failed')} ${(one.why ?? '').trim()} `;
    state.append(
      doing('again', () => {
        item.classList.remove('is-refused');
        state.textContent = say('sending');
        again(one.nonce);
      }),
      doing('back_in_box', () => {
        if (takeBack(one)) drop(one.nonce);
      }, !find('form[data-composer]')),
      doing('throw_away', () => drop(one.nonce)),
    );
  });
}

function doing(word: string, does: () => void, hidden = false): HTMLElement {
  const button = element('button', 'lk-pending-do', say(word));
  button.hidden = hidden;
  button.type = 'button';
  button.addEventListener('click', does);
  return button;
}

function drop(nonce: string): void {
  remove(nonce);
  gone(nonce);
}

// gone takes it out of the page.
export function gone(nonce: string): void { findAll(`[data-nonce="${nonce}"]`).forEach((item) => item.remove()); }
