import { render } from 'preact';
import './styles/base.css';
import './styles/font.css';
import './styles/header.css';
import './styles/score.css';
import './styles/device.css';
import './styles/keys.css';
import './styles/inspector.css';
import './styles/keep.css';
import './styles/people.css';
import './styles/stage.css';
import { App } from './ui/app';

render(<App />, document.getElementById('page')!);

// So that the page opens without a network too, once it has been seen.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register('/offline.js').catch(() => {});
}
