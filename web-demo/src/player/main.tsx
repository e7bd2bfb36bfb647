import { render } from 'preact';
import '../styles/base.css';
import '../styles/font.css';
import '../styles/header.css';
import '../styles/score.css';
import '../styles/device.css';
import '../styles/people.css';
import '../styles/player.css';
import { PlayerPage } from './player-page';

render(<PlayerPage />, document.getElementById('page')!);
