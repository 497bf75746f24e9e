// What every page gets. Each module listens on the document, so what is put
// into the page later needs nothing more; every page works without all of it.
import { dress } from './component/dress';
import './component/busy';
import './component/dialog';
import './component/grow';
import './component/popover';
import './layout/menu';
import './live/counters';

dress(document);
