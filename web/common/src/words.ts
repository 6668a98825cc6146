/** Words that the parts here say themselves, on whatever page they stand. */
export const words = {
  net: {
    offline: "网络不通，请稍后再试。",
    timeout: "等待太久没有回应，请稍后再试。",
    notOurs: "收到的不是网格哨的回答，可能连接了需要认证的无线网络。请检查网络后再试。",
    broken: "服务器暂时出了问题，请稍后再试。",
    unknown: "出错了，请稍后再试。",
  },
  clock: {
    left: (time: string) => `还剩 ${time}`,
    overBy: (time: string) => `已超过 ${time}`,
    paused: (until: string) => `暂停计时至 ${until}`,
  },
  map: {
    failed: "地图暂时取不到，不影响填写和提交。",
    how: "拖动地图，让图钉的尖对准出事的地方；也可以点一下或长按那里，用键盘时按方向键。",
    larger: "放大",
    smaller: "缩小",
    about: "位置待确认",
    unsure: "空心的点：只知道大概在那里，位置待确认。",
    within: (metres: number) => `圆圈：定位误差约 ${metres} 米，圈内都有可能。`,
  },
};
