// The pieces of the kit that most pages need, fetched while nobody waits for them.
export { Form, Input, Modal, Radio, Segmented, Select } from 'antd';
export { FilterBar, Page, SidePanel, WorkList } from '@/design/console';
