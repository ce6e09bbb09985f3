import {
  createEnvironmentInjector,
  EnvironmentInjector,
  type EnvironmentProviders,
  type Provider,
  RendererFactory2,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

/** As much of a page as HttpClient asks for. */
const page = {
  location: { href: 'https://app.example.com/' },
  querySelectorAll: () => [],
  getElementById: () => null,
  head: {},
};

let started = false;

/** The injector of one more Angular application in Node, where `document` is the page it is on. */
export function angularApp(providers: (Provider | EnvironmentProviders)[]): EnvironmentInjector {
  if (!started) {
    Object.assign(globalThis, { document: page });
    TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
    // Nothing is drawn.
    TestBed.configureTestingModule({ providers: [{ provide: RendererFactory2, useValue: {} }] });
    started = true;
  }
  return createEnvironmentInjector(providers, TestBed.inject(EnvironmentInjector));
}
