// One message of every kind and state, for looking at and for pictures.
const OPEN = { type: 1, url: 'about:blank' };
const SOURCE = { desc: '服务任务', icon_url: '/static/app.svg', desc_color: 0 };
const TITLE = { title: '应急事件 · 石家庄市长安区', desc: '紧急 · 11月23日 18:00 前完成' };
const TEXT = '【任务发布】：【林敏】有一条【紧急】的【应急事件】任务，请于【2026-11-23 18:00】前完成并在长天长平台上的待办任务中办结任务。';
const FACTS = [
  { keyname: '行政区划', value: '河北省石家庄市长安区' },
  { keyname: '要求完成', value: '2026-11-23 18:00' },
  { keyname: '发布人', type: 3, userid: 'linmin', value: '林敏' },
  { keyname: '附件', type: 1, url: 'about:blank', value: '机房供电检查表.xlsx' },
];
const BUTTONS = [{ text: '去反馈', style: 1, key: 'a' }, { text: '办结', style: 2, key: 'b' }];
const PEOPLE = [{ id: '1', text: '王强' }, { id: '2', text: '何东升' }, { id: '3', text: '赵春生' }];

const notice = { card_type: 'text_notice', source: SOURCE, main_title: { title: '任务已超期', desc: '石家庄市长安区 · 应急事件' }, emphasis_content: { title: '2 小时', desc: '超过要求完成时间' }, quote_area: { title: '林敏的备注', quote_text: '请现场核对机房供电，拍照反馈。' }, sub_title_text: '【已超期提醒】：【王强】有一条【应急事件】任务已超期，请尽快完成并在长天长平台上的待办任务中办结任务。', horizontal_content_list: FACTS, jump_list: [{ type: 1, title: '查看任务', url: 'about:blank' }, { type: 1, title: '联系发布人', url: 'about:blank' }], card_action: OPEN, action_menu: { desc: '更多操作', action_list: [{ text: '今天不再提醒', key: 'mute' }] } };
const news = { card_type: 'news_notice', source: { ...SOURCE, desc_color: 1 }, main_title: { title: '补丁包 V3.2.1 已发布', desc: '收费系统 · 12 个模块' }, card_image: { url: '/static/sample.svg', aspect_ratio: 1.8 }, vertical_content_list: [{ title: '收费核心模块', desc: '修复退费时金额四舍五入的问题' }, { title: '报表模块', desc: '月报按大区汇总' }], horizontal_content_list: FACTS.slice(1, 2), jump_list: [{ type: 1, title: '查看补丁说明', url: 'about:blank' }], card_action: OPEN };
const area = { card_type: 'news_notice', source: { ...SOURCE, desc_color: 3 }, main_title: { title: '本周办结 128 条' }, image_text_area: { type: 1, url: 'about:blank', title: '华北大区周报', desc: '办结率 96%，超期 3 条', image_url: '/static/sample.svg' }, quote_area: { type: 1, url: 'about:blank', title: '超期最多', quote_text: '保定市竞秀区 2 条' }, card_action: OPEN };
const buttons = { card_type: 'button_interaction', task_id: '1', source: SOURCE, main_title: TITLE, sub_title_text: TEXT, horizontal_content_list: FACTS.slice(0, 2), button_list: BUTTONS, card_action: OPEN, action_menu: notice.action_menu };
const assign = { card_type: 'button_interaction', task_id: '1', source: { ...SOURCE, desc_color: 2 }, main_title: { title: '工单待指派', desc: '乌鲁木齐市天山区 · 打印机无法联网' }, button_selection: { question_key: 'who', title: '指派给', option_list: PEOPLE, selected_id: '2' }, button_list: [{ text: '确认指派', style: 1, key: 'a' }, { text: '转派', style: 2, key: 'b' }, { text: '退回', style: 3, key: 'c' }, { text: '稍后', style: 4, key: 'd' }] };
const long = { card_type: 'button_interaction', task_id: '1', main_title: { title: '这是一个非常非常长的标题，用来看看超过三十六个字之后会怎样被企业微信在末尾截断掉', desc: '这是一段非常非常长的二级说明，用来看看超过四十四个字之后会怎样被企业微信在末尾截断掉，不再显示' }, horizontal_content_list: [{ keyname: '超过五个字的名', value: '超过三十个字的值会在末尾截断成省略号，后面的字就看不到了，再多也一样' }], button_list: [{ text: '超过十个字的按钮文案会截断', style: 1, key: 'a' }, { text: '短', style: 4, key: 'b' }] };
const vote = { card_type: 'vote_interaction', task_id: '1', source: SOURCE, main_title: { title: '请评价本次服务', desc: '工单 20261122-017 · 王强' }, checkbox: { question_key: 'q', mode: 0, option_list: ['非常满意', '满意', '一般', '不满意'].map((text, at) => ({ id: String(at), text, is_checked: at === 0 })) }, submit_button: { text: '提交评价', key: 's' } };
const many = { ...vote, main_title: { title: '已完成的模块', desc: '可多选' }, checkbox: { question_key: 'q', mode: 1, option_list: ['收费核心', '对账', '报表'].map((text, at) => ({ id: String(at), text, is_checked: at < 2 })) }, submit_button: { text: '确认', key: 's' } };
const multiple = { card_type: 'multiple_interaction', task_id: '1', source: SOURCE, main_title: { title: '预约上门时间', desc: '请选择方便的日期和时段' }, select_list: [{ question_key: 'd', title: '日期', option_list: [{ id: '1', text: '11月23日 周一' }, { id: '2', text: '11月24日 周二' }] }, { question_key: 't', title: '时段', selected_id: '2', option_list: [{ id: '1', text: '上午 9:00-11:30' }, { id: '2', text: '下午 14:00-17:00' }] }], submit_button: { text: '确认预约', key: 's' } };
const six = { card_type: 'button_interaction', task_id: '1', source: SOURCE, main_title: { title: '本周值班安排' }, quote_area: { title: '备注', quote_text: '周末两班，请提前一天确认。' }, button_list: ['周一', '周二', '周三', '周四', '周五', '周末'].map((text, at) => ({ text, style: 2, key: String(at) })) };
const card = (content, more = {}) => ({ msgtype: 'template_card', content, ...more });

export const SAMPLES = [
  ['文本', { msgtype: 'text', content: { content: `${TEXT}<a href="about:blank">点此查看</a>` } }],
  ['文本卡片', { msgtype: 'textcard', content: { title: '今日待办 3 条', description: '<div class="gray">11月22日 周日</div><div class="normal">石家庄市长安区 · 应急事件</div><div class="highlight">明天 18:00 到期</div>', url: 'about:blank', btntxt: '去处理' } }],
  ['Markdown', { msgtype: 'markdown', content: { content: '# 华北大区周报\n办结 <font color="info">128</font> 条，超期 <font color="warning">3</font> 条\n> 保定市竞秀区 2 条\n详见 [统计页](https://example.com/) `V3.2.1`' } }],
  ['图片', { msgtype: 'image', content: { media_id: 'sample', src: '/static/sample.svg', filename: '现场照片.png' } }],
  ['文件', { msgtype: 'file', content: { media_id: 'sample', filename: '机房供电检查表.xlsx' } }],
  ['自己发的文字', { msgtype: 'text', direction: 'member', content: { content: '已经到现场了' } }],
  ['自己发的位置', { msgtype: 'location', direction: 'member', content: { label: '河北省石家庄市长安区中山东路' } }],
  ['文本通知', card(notice)],
  ['文本通知 · 换成新卡片', card({ ...notice, main_title: { ...notice.main_title, title: '任务已办结' }, emphasis_content: { title: '100%', desc: '王强，11月23日 15:20' }, sub_title_text: undefined, action_menu: undefined, quote_area: undefined }, { replaced: true })],
  ['图文展示', card(news)],
  ['图文展示 · 左文右图', card(area)],
  ['按钮交互', card(buttons)],
  ['按钮交互 · 正在处理', card(buttons, { pressed: '办结' })],
  ['按钮交互 · 已处理', card(buttons, { button: '已办结' })],
  ['按钮交互 · 换成新卡片', card({ ...buttons, sub_title_text: '王强已于 2026-11-23 15:20 办结。', replace_text: '已办结', action_menu: undefined }, { replaced: true })],
  ['按钮交互 · 换成通知', card({ ...notice, main_title: { ...notice.main_title, title: '任务已办结' }, emphasis_content: undefined, quote_area: undefined, jump_list: undefined, action_menu: undefined, sub_title_text: '王强已于 2026-11-23 15:20 办结。' }, { replaced: true })],
  ['按钮交互 · 下拉与四种按钮', card(assign)],
  ['按钮交互 · 下拉已提交', card(assign, { button: '已指派' })],
  ['按钮交互 · 六个按钮和引用', card(six)],
  ['按钮交互 · 过长截断', card(long)],
  ['投票选择 · 单选', card(vote)],
  ['投票选择 · 多选', card(many)],
  ['投票选择 · 按钮置灰', card(many, { button: '已确认' })],
  ['投票选择 · 已提交', card({ ...vote, checkbox: { ...vote.checkbox, disable: true }, replace_text: '已提交' })],
  ['多项选择', card(multiple)],
  ['多项选择 · 按钮置灰', card(multiple, { button: '已预约' })],
  ['多项选择 · 已提交', card({ ...multiple, select_list: multiple.select_list.map((one) => ({ ...one, disable: true })), replace_text: '已预约' })],
  ['已撤回', { msgtype: 'text', recalled: true, content: { content: '' } }],
];
