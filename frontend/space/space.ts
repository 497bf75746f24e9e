import '../show/copy';
