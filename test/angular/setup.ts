// Angular's packages leave a part of their compilation to the application's build, and these tests have no such
// build.
import '@angular/compiler';
import { startAngular } from '../conformance/drivers/angular-app.ts';

startAngular();
