// A thread beside its channel, where there is room; else its link leads to a page
// of its own. And how many replies a post has, kept as they come.

import { dress } from '../component/dress';
import { foot, List, rename } from '../live/list';
import { ask, element, find, parse, say } from '../live/page';
import type { Post } from '../live/socket';

interface Threads {
  // bump must be told of each new post.
  bump: (post: Post, list: List) => void;
  // reload loads the thread anew that stands beside the list, if there is one.
  reload: () => Promise<void>;
}

// threads opens and closes the thread beside a list; opened is told which list is
// there now, if any. during is how a part of the page is loaded (see stream.ts).
export function threads(main: List, during: <T>(load: () => Promise<T>) => Promise<T>, opened: (list: List | null, form: HTMLFormElement | null) => void): Threads {
  const beside = find('.lk-aside');
  let before: ChildNode[] = [];
  document.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>('[data-thread]');
    if (link && beside && matchMedia('(min-width: 72rem)').matches) {
      event.preventDefault();
      open(link.pathname, true).catch(() => { location.href = link.href; }); // the page itself says what is wrong
    } else if (target.closest('[data-close-thread]')) {
      event.preventDefault();
      close();
    }
  });

  function open(path: string, focus: boolean): Promise<void> {
    return during(async () => {
      const answer = await ask(path + '?deel=1', 'thread');
      const part = answer.ok && parse(await answer.text());
      if (!part) throw new Error(String(answer.status));
      dress(part);
      rename(part);
      if (!root()) before = Array.from(beside!.childNodes);
      beside!.replaceChildren(part);
      opened(new List(find('[data-live]', part)!), find('form[data-composer]', part) as HTMLFormElement | null);
      if (focus) (find('textarea', part) ?? find('[data-close-thread]', part))?.focus();
    });
  }

  function close(): void {
    const was = root();
    beside!.replaceChildren(...before);
    opened(null, null);
    (find(`[data-thread="${was}"]`) ?? find('.lk-composer textarea'))?.focus();
  }

  // root is the post whose thread is open.
  function root(): string | undefined { return beside ? find('[data-thread-of]', beside)?.dataset['threadOf'] : undefined; }

  return {
    bump: (post, list) => { if (list === main && main.isChannel && post.parent) bump(main, post); },
    reload: () => (root() ? open(`/berichten/${root()}/draad`, beside!.contains(document.activeElement)) : Promise.resolve()),
  };
}

// bump counts a new reply at the post its thread hangs under.
function bump(main: List, post: Post): void {
  let root = find(`[data-post="${post.parent}"]`, main.items);
  for (let to = root && find('.lk-post-to a', root); root && to; to = root && find('.lk-post-to a', root)) {
    root = find(to.getAttribute('href')!, main.items);
  }
  if (!root || root.classList.contains('is-deleted')) return;
  let link = find('.lk-post-thread', root) as HTMLAnchorElement | null;
  if (!link) {
    link = element('a', 'lk-post-thread');
    link.href = `/berichten/${root.dataset['post']}/draad`;
    link.dataset['thread'] = root.dataset['post']!;
    foot(root).append(link);
  }
  const n = Number(link.dataset['replies'] ?? link.textContent!.match(/\d+/)?.[0] ?? 0) + 1;
  link.dataset['replies'] = String(n);
  link.replaceChildren(element('span', '', `${n} ${n === 1 ? say('reply_one') : say('reply_many')}`));
}
