// data-dialog=ID opens that dialog instead of following the link.

document.addEventListener('click', (event) => {
  const opener = (event.target as Element).closest<HTMLElement>('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset['dialog']!);
  if (!dialog || !('showModal' in dialog)) return;
  event.preventDefault();
  (dialog as HTMLDialogElement).showModal();
});

// A click beside the dialog closes it.
document.addEventListener('click', (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close();
});
