// orval.ts
import * as axios from 'axios';
var getUsers = () => {
  const getEcho = (params, options) => {
    return axios.default.get(`/api/echo`, {
      ...options,
      params: { ...params, ...options?.params },
    });
  };
  const postEcho = (note, options) => {
    return axios.default.post(`/api/echo`, note, options);
  };
  return { getEcho, postEcho };
};
export { getUsers };
