// The phone's camera: draws a picture of a site with place, time and member, and keeps it on this computer,
// where the file dialog of the page in the phone finds it.
import { when } from './dom.js';

const TONES = [['#9fc3ea', '#e9f2fb', '#5c7c9c'], ['#f2cf9f', '#fdf4e6', '#9a7443'], ['#a8d5b8', '#eef8f1', '#4d7f60'], ['#c9b8e6', '#f4f0fb', '#6f5a99']];
const SUBJECTS = ['机房供电', '收费窗口', '网络机柜', '自助终端'];
let taken = 0;

export async function takePicture({ name, now }) {
  const at = taken % TONES.length;
  taken += 1;
  const stamp = when(now, 0);
  const canvas = draw(TONES[at], SUBJECTS[at], `${stamp}　${name}`);
  const file = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.85); });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `现场照片-${SUBJECTS[at]}-${taken}.jpg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return link.download;
}

function draw([far, near, dark], subject, mark) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 960 });
  const pen = canvas.getContext('2d');
  const wall = pen.createLinearGradient(0, 0, 0, 960);
  wall.addColorStop(0, far);
  wall.addColorStop(1, near);
  pen.fillStyle = wall;
  pen.fillRect(0, 0, 1280, 960);
  pen.fillStyle = dark;
  pen.fillRect(0, 760, 1280, 200);
  for (let rack = 0; rack < 4; rack += 1) cabinet(pen, 150 + rack * 260, dark, near);
  pen.fillStyle = '#ffffff';
  pen.font = '600 60px sans-serif';
  pen.fillText(subject, 60, 850);
  pen.font = '40px sans-serif';
  pen.fillText(mark, 60, 915);
  return canvas;
}

function cabinet(pen, left, dark, near) {
  pen.fillStyle = dark;
  pen.fillRect(left, 180, 200, 560);
  for (let row = 0; row < 9; row += 1) {
    pen.fillStyle = near;
    pen.fillRect(left + 18, 205 + row * 58, 164, 38);
    pen.fillStyle = row % 3 ? '#2aa866' : '#e0a030';
    pen.beginPath();
    pen.arc(left + 160, 224 + row * 58, 7, 0, 7);
    pen.fill();
  }
}
