import { inject } from '@angular/core';
import { Router, type Routes } from '@angular/router';
import { createSessionGuard } from 'sluice/angular';
import { Dashboard } from './dashboard';
import { Manifests } from './manifests';
import { Ships } from './ships';
import { SignIn } from './sign-in';

const signedIn = createSessionGuard({
  redirectTo: (url) => inject(Router).createUrlTree(['/sign-in'], { queryParams: { returnTo: url } }),
});

export const routes: Routes = [
  { path: 'sign-in', component: SignIn, title: 'Sign in · Quayside' },
  {
    path: '',
    canActivate: [signedIn],
    children: [
      { path: '', component: Dashboard, title: 'Berths · Quayside' },
      { path: 'ships', component: Ships, title: 'Ships · Quayside' },
      { path: 'manifests', component: Manifests, title: 'Manifests · Quayside' },
    ],
  },
  { path: '**', redirectTo: '' },
];
