/** Path of the administration on the admin listener. */
export const ADMINISTRATION_PATH = '/administration';
