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
import { start } from './ui/navigation';
import { show } from './ui/page';

start();
show(document.getElementById('page')!);
